"""on-terminal.py COLUMNS STDOUT_FILE COMMAND...

Runs a command on a pseudo-terminal of its own: what it shows comes out of stdout, what goes into stdin is typed.
With a STDOUT_FILE, the command's stdout is that file and only the rest the terminal. Ends as the command ends.
"""

import fcntl
import os
import pty
import select
import struct
import sys
import termios

columns, stdout_file, *command = sys.argv[1:]

pid, terminal = pty.fork()
if pid == 0:
    if stdout_file:
        os.dup2(os.open(stdout_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 1)
    # Wait for the size: whoever asks for it early would get none.
    os.read(0, 1)
    os.execvp(command[0], command)

fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, int(columns), 0, 0))
settings = termios.tcgetattr(terminal)
settings[3] &= ~termios.ECHO
termios.tcsetattr(terminal, termios.TCSANOW, settings)
os.write(terminal, b"\n")

sources = [terminal, 0]
while terminal in sources:
    for source in select.select(sources, [], [])[0]:
        try:
            data = os.read(source, 65536)
        except OSError:  # Linux says so when the other side has gone
            data = b""
        if not data:
            sources.remove(source)
        elif source == terminal:
            os.write(1, data)
        else:
            os.write(terminal, data)

sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
