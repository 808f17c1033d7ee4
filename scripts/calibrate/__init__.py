"""How often the verdict's rule makes each claim, measured on a folder of photos: python -m scripts.calibrate FOLDER"""
