"""The embedded model: small enough to run in real time on two CPU cores, shipped with the package."""
