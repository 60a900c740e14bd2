"""The only room that asks the network: client, pacing, guards. Nothing here knows a vendor."""
