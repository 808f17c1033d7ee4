"""From one photo to a folder of them: measured photo by photo, told class by class."""
