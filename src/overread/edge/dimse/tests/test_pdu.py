"""The codecs of PDUs and commands against pynetdicom's, and against any bytes."""

import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pynetdicom.dimse_messages import DIMSEMessage
from pynetdicom.pdu import A_ABORT_RQ, A_ASSOCIATE_AC, A_ASSOCIATE_RJ, A_ASSOCIATE_RQ, A_RELEASE_RP, P_DATA_TF

from overread.edge.dimse import command as dimse
from overread.edge.dimse import pdu
from overread.edge.dimse.negotiation import agree
from overread.edge.dimse.tests import raw

CT = "1.2.840.10008.5.1.4.1.1.2"


@given(st.binary(max_size=400))
@example(raw.associate_rq([(1, CT, [raw.EXPLICIT])])[6:])
def test_any_bytes_are_a_request_or_are_refused(data: bytes) -> None:
    """Reading an association request from any bytes gives a bounded request or a refusal, never another error."""
    try:
        request = pdu.read_associate(memoryview(data))
    except pdu.MalformedPdu:
        return
    assert len(request.called) <= 16
    assert len(request.contexts) <= 128


@given(st.data())
def test_a_request_cut_or_changed_anywhere_is_read_or_refused(data: st.DataObject) -> None:
    """A valid request with any byte changed or cut off is read or refused, never another error."""
    whole = bytearray(raw.associate_rq([(1, CT, [raw.EXPLICIT, raw.IMPLICIT]), (3, raw.VERIFICATION, [raw.IMPLICIT])]))
    whole[data.draw(st.integers(6, len(whole) - 1))] = data.draw(st.integers(0, 255))
    end = data.draw(st.integers(6, len(whole)))
    try:
        pdu.read_associate(memoryview(bytes(whole[6:end])))
    except pdu.MalformedPdu:
        return


@given(st.binary(max_size=200))
def test_any_bytes_are_values_or_are_refused(data: bytes) -> None:
    """Splitting any bytes into data values gives only bytes that are there, or a refusal."""
    try:
        values = list(pdu.pdvs(memoryview(data)))
    except pdu.MalformedPdu:
        return
    assert sum(len(value[3]) + 6 for value in values) == len(data)


@given(st.binary(max_size=120))
def test_any_bytes_are_a_command_or_are_refused(data: bytes) -> None:
    """Reading a command from any bytes gives a command or a refusal, never another error."""
    try:
        dimse.read_command(data)
    except dimse.MalformedCommand:
        return


def test_pynetdicom_reads_what_we_write() -> None:
    """Our accept, reject, abort and release are what pynetdicom's decoder expects."""
    whole = raw.associate_rq([(1, CT, [raw.EXPLICIT]), (3, "1.2.3", [raw.IMPLICIT])])
    request = pdu.read_associate(memoryview(whole)[6:])
    other = A_ASSOCIATE_RQ()
    other.decode(whole)
    assert (other.called_ae_title, other.calling_ae_title) == (request.called, request.calling)
    accept = A_ASSOCIATE_AC()
    accept.decode(
        pdu.write_accept(request, [agree(context) for context in request.contexts], 262144, ("1.2.3", "OURS"))
    )
    assert [(item.presentation_context_id, item.result_reason) for item in accept.presentation_context] == [
        (1, 0),
        (3, 3),
    ]
    assert accept.user_information.maximum_length == 262144
    reject = A_ASSOCIATE_RJ()
    reject.decode(pdu.write_reject(pdu.REJECT_CALLING_AET))
    assert (reject.result, reject.source, reject.reason_diagnostic) == (1, 1, 3)
    abort = A_ABORT_RQ()
    abort.decode(pdu.write_abort(pdu.ABORT_INVALID))
    assert (abort.source, abort.reason_diagnostic) == (2, 6)
    A_RELEASE_RP().decode(pdu.RELEASE_REPLY)


@pytest.mark.parametrize("max_length", [0, 64, 70, 16384])
def test_pynetdicom_reads_our_responses_in_pdus_of_the_size_it_allows(max_length: int) -> None:
    """A response is cut to the peer's PDU size and says message, status and object."""
    request = dimse.Command(dimse.C_STORE_RQ, 77, CT, "1.2.3.4", True)
    data = pdu.write_command(5, dimse.write_response(request, 0xA700, "no room"), max_length)
    message, stream, done = DIMSEMessage(), io.BytesIO(data), False
    while first := stream.read(6):
        _, length = pdu.head(first)
        assert not max_length or length <= max(max_length, 70)
        part = P_DATA_TF()
        part.decode(first + stream.read(length))
        done = message.decode_msg(part.to_primitive())
    assert done
    command = message.command_set
    assert (command.Status, command.MessageIDBeingRespondedTo) == (0xA700, 77)
    assert (command.AffectedSOPInstanceUID, command.ErrorComment) == ("1.2.3.4", "no room")
