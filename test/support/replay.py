"""Sends the frames of an Ethernet pcap (little-endian, microseconds) on an interface, for tests of live capture.

    replay.py INTERFACE FILE PACE [TIMES]

PACE: 1 is the capture's own, 10 ten times faster, 0 as fast as it goes. Prints the number of frames and the seconds.
"""
import socket
import struct
import sys
import time


def frames(path):
    with open(path, "rb") as file:
        octets = file.read()
    magic, link = struct.unpack_from("<I", octets)[0], struct.unpack_from("<I", octets, 20)[0] & 0xFFFF
    if magic != 0xA1B2C3D4 or link != 1:
        sys.exit("replay.py: no little-endian Ethernet pcap of microseconds: " + path)
    at, end = 24, len(octets)
    while at + 16 <= end:
        seconds, micros, captured = struct.unpack_from("<III", octets, at)
        at += 16
        yield seconds + micros / 1e6, octets[at : at + captured]
        at += captured


def main():
    interface, path, pace = sys.argv[1], sys.argv[2], float(sys.argv[3])
    times = int(sys.argv[4]) if len(sys.argv) > 4 else 1
    to_send = list(frames(path))
    out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    out.bind((interface, 0))
    started = time.monotonic()
    sent = 0
    for _ in range(times):
        begun = time.monotonic()
        first = to_send[0][0]
        for at, octets in to_send:
            if pace > 0:
                wait = begun + (at - first) / pace - time.monotonic()
                if wait > 0:
                    time.sleep(wait)
            try:
                out.send(octets)
            except OSError as error:
                # The queue is full: once more after a moment.
                if error.errno != 105:
                    raise
                time.sleep(0.0005)
                out.send(octets)
            sent += 1
    print(sent, time.monotonic() - started)


main()
