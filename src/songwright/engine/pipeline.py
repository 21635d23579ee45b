"""The list of stages, read like a recipe. (Filled in as the stages land.)"""
