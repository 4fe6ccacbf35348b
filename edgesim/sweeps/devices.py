"""Names of devices without their throttle, which has a column of its own."""

import pandas as pd

_WITH = "-with-"
"""Between both names, as `edgesim.files.made` writes them."""


def unthrottled(frame: pd.DataFrame) -> pd.DataFrame:
    """Name each device as the scenario does: a device with another throttle is no other device."""
    pairs = frame[["device", "throttle"]].dropna().drop_duplicates()
    ended = [(device, throttle) for device, throttle in pairs.itertuples(index=False, name=None)
             if device.endswith(_WITH + throttle)]  # fmt: skip
    if not ended:
        return frame
    names = frame["device"].astype("string")
    for device, throttle in ended:
        own = (frame["device"] == device) & (frame["throttle"] == throttle)
        names = names.mask(own.to_numpy(bool, na_value=False), device.removesuffix(_WITH + throttle))
    return frame.assign(device=names)
