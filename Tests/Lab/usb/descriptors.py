"""Reads the descriptors of a USB device from a text file.

Each line is one descriptor without its bLength, which is counted:

    string TEXT           a string; the first has index 1
    device VALUE...       the device descriptor (bDescriptorType is added)
    VALUE...              a descriptor of the configuration, from bDescriptorType on, in order

Values are separated by blanks:

    0E                    two hexadecimal digits: a byte
    1920:2  0x1209:2      a number in that many bytes, the low one first
    "YUY2"                characters
    total                 two bytes: the length of this descriptor and of all lines below that are indented deeper

What follows a # is a comment. A value of the form {NAME} is taken from the parameters that the reader is given, so that
one file serves arrays of 4 and of 8 microphones; {NAME}:2 likewise.
"""
import re
from dataclasses import dataclass


@dataclass
class Descriptors:
    """What a device says of itself."""

    device: bytes
    configuration: bytes
    strings: list


def read(path, **parameters):
    """The descriptors in the file at `path`, with its parameters replaced."""
    device, strings, lines = b"", [], []
    with open(path, encoding="utf-8") as file:
        for number, text in enumerate(file, 1):
            text = text.split("#")[0].rstrip()
            if not text:
                continue
            text = re.sub(r"\{(\w+)\}", lambda match: str(parameters[match[1]]), text)
            words = text.split()
            try:
                if words[0] == "string":
                    strings.append(text.split(None, 1)[1])
                elif words[0] == "device":
                    device = _closed(b"\x01" + b"".join(map(_bytes, words[1:])))
                else:
                    lines.append((len(text) - len(text.lstrip()), words))
            except (ValueError, IndexError) as error:
                raise ValueError(f"{path}:{number}: {error}") from error
    return Descriptors(device, _configuration(lines), strings)


def _bytes(word):
    if word == "total":
        return b"\0\0"
    if word.startswith('"'):
        return word.strip('"').encode("ascii")
    if ":" in word:
        value, size = word.split(":")
        return int(value, 0).to_bytes(int(size), "little")
    if len(word) != 2:
        raise ValueError(f"not two hexadecimal digits: {word}")
    return bytes([int(word, 16)])


def _closed(body):
    """The descriptor with its bLength."""
    return bytes([len(body) + 1]) + body


def _configuration(lines):
    parts = [bytearray(_closed(b"".join(map(_bytes, words)))) for _, words in lines]
    for index, (indentation, words) in enumerate(lines):
        if "total" not in words:
            continue
        offset = 1 + sum(len(_bytes(word)) for word in words[: words.index("total")])
        total = len(parts[index])
        for (deeper, _), part in zip(lines[index + 1 :], parts[index + 1 :]):
            if deeper <= indentation:
                break
            total += len(part)
        parts[index][offset : offset + 2] = total.to_bytes(2, "little")
    return b"".join(parts)
