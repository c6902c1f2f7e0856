"""A registry of Windows for the tests of its reader."""

from collections.abc import Sequence

# As Windows has them, whatever the reader says.
SYSTEM = r"SYSTEM\CurrentControlSet"
ADAPTERS = "{4D36E972-E325-11CE-BFC1-08002BE10318}"
PARAMETERS = rf"{SYSTEM}\Services\Tcpip\Parameters"
INTERFACES = rf"{PARAMETERS}\Interfaces"
NETWORK = rf"{SYSTEM}\Control\Network\{ADAPTERS}"
DRIVERS = rf"{SYSTEM}\Control\Class\{ADAPTERS}"


class FakeRegistry:
    """Keys and values of HKEY_LOCAL_MACHINE; names of keys are compared without regard to case, as Windows does."""

    def __init__(self) -> None:
        self.tree: dict[str, dict[str, object]] = {}
        self.refused: set[str] = set()

    def put(self, path: str, **values: object) -> None:
        self.tree.setdefault(path, {}).update(values)

    def subkey_names(self, path: str) -> Sequence[str]:
        if path in self.refused:
            raise PermissionError(13, "Access is denied")
        start = path.lower() + "\\"
        below = [key[len(start) :].split("\\")[0] for key in self.tree if key.lower().startswith(start)]
        return list(dict.fromkeys(below))

    def key_values(self, path: str) -> dict[str, object]:
        if path in self.refused:
            raise PermissionError(13, "Access is denied")
        return next((values for key, values in self.tree.items() if key.lower() == path.lower()), {})

    def adapter(self, guid: str, name: str, driver: str, instance: str, **values: object) -> None:
        number = sum(key.startswith(DRIVERS) for key in self.tree)
        self.put(rf"{DRIVERS}\{number:04}", NetCfgInstanceId=guid, DriverDesc=driver)
        self.put(rf"{NETWORK}\{guid}\Connection", Name=name, PnPInstanceId=instance, DefaultNameResourceId=1803)
        # Windows writes the GUID in lower case here.
        self.put(rf"{INTERFACES}\{guid.lower()}", **values)
