"""What leaves through the web server: downloads, headers, cells that are safe to open."""
