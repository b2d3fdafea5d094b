"""What makes this project, and is no part of what it ships."""
