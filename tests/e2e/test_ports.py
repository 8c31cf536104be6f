"""The tests' own ports: two programs that start one after the other never get the same one."""
import socket

from ports import BLOCK, LAST, block, free_port, is_free


def test_no_port_is_handed_out_twice_nor_one_of_the_kernels_own():
    given = [free_port() for _ in range(6 * BLOCK)]
    assert len(set(given)) == len(given)
    assert max(given) < LAST + BLOCK < 32768


def test_a_block_belongs_to_one_run():
    taken = {port for _ in range(8) for port in block()}
    assert len(taken) == 8 * BLOCK
    assert not taken & {free_port() for _ in range(2 * BLOCK)}


def test_a_port_that_somebody_has_is_not_free():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        assert not is_free(other.getsockname()[1], "127.0.0.1")
