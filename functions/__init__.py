"""The Lambda functions of the customer service."""

import gc

# Nothing made while a function starts is garbage; `shared.startup` turns collection on again.
gc.disable()
