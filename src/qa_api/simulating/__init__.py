"""What the authority's own last year would have asked of people under another policy (§4.2, §4.6).

The facts are read once, of one instant, and only read. Then the very functions that the service
counts by count twice: by the policies that were in force, and by these with other values laid over.
Nothing else differs: everybody did what they did on the day on which they did it.

What is told are sums, and of teams by their codes. It goes to whoever runs a command with the
service's own database addresses, who reads every row: no number is withheld for being small, as
`qa-api check` and `qa-api figures` withhold none. It is not for publishing.
"""
