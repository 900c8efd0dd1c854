"""What checks the body of a create and of an update (contract, "Customer"), with one schema for both.

A schema takes some milliseconds of every start; a new customer's is that of changes, some of which have to be
there.
"""

from functions.customers.request import CustomerChanges, NewCustomer
from functions.shared.validation import validator

validate_changes = validator(CustomerChanges)

validate_new = validator(CustomerChanges, required=sorted(NewCustomer.__required_keys__))
