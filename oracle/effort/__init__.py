"""How much may be done, counted in calls of a user's code and in operations on balls: the same on every machine, however busy.

Offers: `budget.Budget`, `budget.spending` (a block that may do so much), `budget.call` and `budget.work` (they count);
`counting.counted` (what one call takes).
Imports: no other room.
"""
