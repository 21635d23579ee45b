"""The sentence that every published file carries in the place its format has for such things."""

MACHINE_MARK = "AI-generated: Songwright"
