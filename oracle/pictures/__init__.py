"""The pictures of `proofs/`, as SVG: networks, computation graphs, curves, and the runs of descent that two of them show.

Offers: `gallery.PICTURES`, and `python -m oracle.pictures`, which draws them all anew.
Imports: no other room.
"""
