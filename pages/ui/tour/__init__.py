"""The guided tour: what each step says and shows, computed with the model in use as it is shown."""
