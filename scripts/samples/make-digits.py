"""Make resources/samples/digits/digits.npz from the digits that scikit-learn distributes.

Run it from the root of the project, in a virtual environment:

    python3 -m venv .cache/samples
    .cache/samples/bin/pip install scikit-learn numpy
    .cache/samples/bin/python scripts/samples/make-digits.py

The same input gives the same bytes: entries of the zip carry a fixed date.
"""

import io
import zipfile
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

TRAIN = 1397
OUT = Path("resources/samples/digits/digits.npz")


def main() -> None:
    digits = load_digits()
    # Counts of dark pixels in 4 x 4 blocks, 0..16, stretched to the whole range of a byte.
    pixels = np.rint(digits.images * (255 / 16)).astype(np.uint8)
    labels = digits.target.astype(np.int64)
    arrays = {
        "x": pixels[:TRAIN],
        "y": labels[:TRAIN],
        "x_test": pixels[TRAIN:],
        "y_test": labels[TRAIN:],
        "class_names": np.array([str(name) for name in digits.target_names]),
    }
    OUT.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(OUT, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, array in arrays.items():
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, np.ascontiguousarray(array), version=(1, 0))
            entry = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, buffer.getvalue())
    for name, array in arrays.items():
        print(name, array.dtype, array.shape)
    print(OUT, OUT.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
