"""The bodies of the API's answers, as its reference shows them.

They exist for the reader and for the tests, which hold every answer against them; no handler builds one.
What a field means that a request has too stands with the request, and is taken from there.
"""
