"""samples/field, file by file: what each has to give. A file without a row here fails a test, and so does a row without its file."""
import os
import pathlib

SHARED = pathlib.Path(os.environ.get("LICET_SHARED", pathlib.Path(__file__).resolve().parents[3] / "shared"))
FIELD = SHARED / "samples" / "field"


def encoding(form):
    return {"note": "encoding", "detail": form}


# Documents: exit code, result, and for each signature its result and its notes.
DOCUMENTS = {
    "01-time-without-zone.ofd": (0, "passed", [("passed", [encoding("time")])]),
    "02-generalizedtime-2digit-year.ofd": (0, "passed", [("passed", [encoding("time")])]),
    "04-time-offset-0800.ofd": (0, "passed", [("passed", [encoding("time")])]),
    "05-bitstring-unused-bits.ofd": (0, "passed", [("passed", [encoding("bit_string")])]),
    "07-seal-bitstring-unused-bits.ofd": (0, "passed", [("passed", [encoding("bit_string")])]),
    "08-integer-unpadded-doc.ofd": (0, "passed", [("passed", [encoding("integer")])]),
    "10-integer-overpadded-doc.ofd": (0, "passed", [("passed", [encoding("integer")])]),
    "11-propertyinfo-newline.ofd": (0, "passed", [("passed", [encoding("padding")])]),
    "12-propertyinfo-nul-padded.ofd": (0, "passed", [("passed", [encoding("padding")])]),
    "16b-gbt35275-ber-same-content.ofd": (0, "passed", [("passed", [encoding("ber")])]),
    "17a-second-signature-covers-all.ofd": (0, "passed", [("partial", [{"note": "partial", "detail": "s003"}]), ("passed", [])]),
    "17b-nobody-covers-annotations.ofd": (15, "failed", [("failed", []), ("failed", [])]),
    "21-zip-utf8-flag-local-only.ofd": (0, "passed", [("passed", [])]),
    "23-zip-descriptor-flag-no-descriptor.ofd": (0, "passed", [("passed", [])]),
    "24-zip-descriptor-local-size-kept.ofd": (0, "passed", [("passed", [])]),
    "32-zip-dot-slash-names.ofd": (0, "passed", [("passed", [])]),
    "62-pdf-timestamp-sha384.pdf": (0, "passed", [("passed", [])]),
    "63-pdf-two-signatures.pdf": (0, "passed", [("passed", [{"note": "added_later", "detail": "2"}]), ("passed", [])]),
}
# Stock: exit code of the import, then how many rows are accepted, refused and duplicates, and the reasons.
STOCK = {
    "80-csv-number-scientific-3-holders.csv": (1, (0, 3, 0), {"ROW_NUMBER_RUINED": 3}),
    "82-csv-same-number-other-holder.csv": (1, (1, 1, 0), {"ROW_CONFLICT_FILE": 1}),
    "83-csv-name-inner-space.csv": (0, (1, 0, 0), {}),
    "85-csv-name-pua-e863.csv": (0, (1, 0, 0), {}),
    "86-csv-name-zero-width.csv": (0, (1, 0, 0), {}),
    "87-csv-date-chinese.csv": (0, (1, 0, 0), {}),
    "89-csv-unlimited-word.csv": (0, (1, 0, 0), {}),
}
