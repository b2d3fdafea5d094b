"""Traces: what stations and their CSMS said to each other, out of any log.

`TraceReader` makes `Record`s of the lines of a log, whoever wrote it; `lines_of` cuts a file into lines in
bounded memory. `TraceJudge` tells what is wrong with them, each message by itself (`MessageJudge`) and the
story of each station (`StoryJudge`). `write_open_trace` writes records in the neutral Open OCPP Trace format.
Pure: no file is opened here.
"""

from ocpp_sansio.traces.dialog import Dialog, Message
from ocpp_sansio.traces.findings import Finding
from ocpp_sansio.traces.judging import Judged, TraceJudge
from ocpp_sansio.traces.lines import MAX_LINE, lines_of
from ocpp_sansio.traces.message_rules import LIBRARY_BUG, MessageJudge
from ocpp_sansio.traces.open_trace import OPEN_TRACE_VERSION, write_open_trace
from ocpp_sansio.traces.reading import TraceReader
from ocpp_sansio.traces.records import Mark, Record, Skipped
from ocpp_sansio.traces.stories import StoryJudge

__all__ = [
    "LIBRARY_BUG",
    "MAX_LINE",
    "OPEN_TRACE_VERSION",
    "Dialog",
    "Finding",
    "Judged",
    "Mark",
    "Message",
    "MessageJudge",
    "Record",
    "Skipped",
    "StoryJudge",
    "TraceJudge",
    "TraceReader",
    "lines_of",
    "write_open_trace",
]
