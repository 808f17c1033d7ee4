"""The errors that a person may meet; each message is one sentence or two, fit to show on a page."""


class SaliencyError(Exception):
    """Base of every error this library raises on purpose."""


class PhotoError(SaliencyError):
    """The bytes are not a photo that can be used."""


class RecordError(SaliencyError):
    """The bytes are not a saved result that can be used."""


class AuditError(SaliencyError):
    """An audit's files cannot be written, read or gone on with."""


class ModelError(SaliencyError):
    """A model's declaration cannot be used."""


class WeightsError(SaliencyError):
    """A model's weights cannot be had, or are not what they should be."""


class WeightsUnreachableError(WeightsError):
    """The weights are not on this machine and their host cannot be reached: trying again may help."""


class RequestError(SaliencyError, ValueError):
    """An argument is outside what the library can answer: a class, a sigma, a region."""
