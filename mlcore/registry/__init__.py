"""What leaves the workbench: models, bundles, cards; each proven before it is offered."""
