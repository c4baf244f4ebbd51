"""The exceptions of the package. A row that cannot be rendered is not one: it is data."""


class HarmonyProcessError(RuntimeError):
    """The process that renders could not be started, or it died.

    The message contains the stderr of the process, or says what to install.
    """


class ChildLostError(HarmonyProcessError):
    """The process died for a reason that may not recur, such as a kill."""
