"""Quality audits of casework in children's services, as an HTTP service."""
