"""The packages that numbers may depend on."""

from importlib.metadata import version

PACKAGES = ("captum", "numpy", "pillow", "scipy", "torch", "torchvision")


def package_versions() -> dict[str, str]:
    """The versions of PACKAGES that are installed here."""
    return {name: version(name) for name in PACKAGES}
