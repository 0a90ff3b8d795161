"""The desk: pages in which the office's people work, each under their own name.

A page calls the same function of ``reporting`` as the command; no rule of the work lives here.
"""
