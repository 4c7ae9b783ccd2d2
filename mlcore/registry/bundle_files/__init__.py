"""Files that go into a bundle word for word; none of them imports the workbench."""
