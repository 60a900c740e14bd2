"""The SQL models and the engine that orders, builds and checks them."""
