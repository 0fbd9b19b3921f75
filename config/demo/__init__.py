"""The demo shop: a real grocer's year as CSV files that the product's own import brings in."""
