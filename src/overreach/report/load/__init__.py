"""What many users at once did: pictures, tables and a page of their own."""
