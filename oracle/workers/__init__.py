"""Much to do, done side by side: by processes of this machine, or by a Dask cluster; what comes out does not depend on by how many.

Offers: `each.in_order` (every item's result, in the order of the items, whatever dies), `executors.Where`, `shard.parsed`,
`journal` (a run that was cut off goes on), `options` (--workers, --scheduler, --shard, --resume).
Imports: no rooms but console.
"""
