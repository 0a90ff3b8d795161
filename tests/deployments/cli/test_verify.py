"""`audit --verify` as a person or a schedule runs it."""

from tests.deployments.cli.conftest import Office


def test_the_command_says_so_by_its_exit_code(office: Office) -> None:
    sound = office.run("audit", "--verify")
    assert (sound.code, sound.err) == (0, "")
    assert "khớp nhau" in sound.out
    original = next((office.folder / "home" / "originals").glob("*/*"))
    original.write_bytes(b"x")
    ran = office.run("audit", "--verify")
    assert ran.code == 1
    assert f"✗ bản gốc {original.name[:12]}…: tệp đã bị thay đổi (không khớp mã SHA-256)" in ran.err
    assert office.run("audit", "--verify", "--json").json == [ran.err.strip().removeprefix("✗ ")]
