"""SCIM 2.0 (RFC 7643, RFC 7644): the identity provider tells of people and groups (X3)."""
