"""What exists and how it is read: one module or package a source, network or disk to bronze, as published."""
