"""A mail server of others, and somebody on the line before it.

    mail_server.py MOOD CERTIFICATE KEY

The server is aiosmtpd. It takes letters from whoever begins TLS and logs in (`gotong`, with the password in MAIL_PASSWORD). On the line to it stands one who writes down
what comes by, and in some moods changes it. Prints its port, and then a line of JSON for each letter that the server took and for each conversation that ended.

Moods: `good`; `whole` (TLS from the first byte); `plain` (no TLS, no log-in: what is written down is then the letter itself); `offers-none` (the server has no TLS);
`strips` (the offer of TLS is taken out of the answer); `refuses` (STARTTLS is answered with 454); `injects` (answers in clear are written behind the
server's word to begin TLS, as if they came through it); `turns-away` (550 in clear, as if the reader did not exist).
"""

import asyncio
import json
import logging
import os
import ssl
import sys
import warnings

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

LINE_MAX = 65_536
# What a client would hear after TLS, if it kept what it has read before: hello, log-in, sender, reader, go on, taken.
INJECTED = b"250-mail.test\r\n250 AUTH PLAIN\r\n235 in\r\n250 ok\r\n250 ok\r\n354 go on\r\n250 taken\r\n221 bye\r\n"


def say(**said):
    print(json.dumps(said), flush=True)


class Box:
    """Where letters go."""

    async def handle_DATA(self, server, session, envelope):
        say(letter=envelope.content.decode("utf-8", "replace"), to=envelope.rcpt_tos, tls=session.ssl is not None or server.transport.get_extra_info("ssl_object") is not None, user=bool(session.authenticated))
        return "250 taken"


def knows(server, session, envelope, mechanism, data):
    wanted = (b"gotong", os.environ["MAIL_PASSWORD"].encode())
    return AuthResult(success=isinstance(data, LoginPassword) and (data.login, data.password) == wanted)


class Line:
    """One conversation, with what its client said and, in some moods, what the server did not."""

    def __init__(self, mood, port):
        self.mood, self.port, self.said = mood, port, b""

    async def up(self, reader, writer, back):
        try:
            while chunk := await reader.read(LINE_MAX):
                self.said += chunk
                if self.mood == "refuses" and chunk.upper().startswith(b"STARTTLS"):
                    back.write(b"454 TLS not available due to temporary reason\r\n")
                    continue
                writer.write(chunk)
                await writer.drain()
        finally:
            writer.close()

    async def down(self, reader, writer):
        try:
            if self.mood == "turns-away":
                writer.write(b"550 5.1.1 no such user\r\n")
                return
            while chunk := await reader.read(LINE_MAX):
                if self.mood == "strips":
                    chunk = chunk.replace(b"STARTTLS", b"XXXXXXXX")
                if self.mood == "injects" and self.said.upper().endswith(b"STARTTLS\r\n") and chunk.startswith(b"220"):
                    chunk += INJECTED
                writer.write(chunk)
                await writer.drain()
        finally:
            writer.close()

    async def talk(self, reader, writer):
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.port)
        await asyncio.gather(self.up(reader, far_writer, writer), self.down(far_reader, writer), return_exceptions=True)
        say(ended=self.said.decode("latin-1"))


async def main(mood, certificate, key):
    # What goes wrong with a conversation is said by the test; a port with TLS demands a log-in as well as any.
    logging.getLogger("mail.log").setLevel(logging.CRITICAL)
    warnings.simplefilter("ignore")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    settings = {"hostname": "mail.test"}
    if mood == "whole":
        settings.update(auth_required=True, authenticator=knows, auth_require_tls=False)
    elif mood not in ("plain", "offers-none"):
        settings.update(tls_context=context, require_starttls=True, auth_required=True, authenticator=knows)
    loop = asyncio.get_running_loop()
    listening = await loop.create_server(lambda: SMTP(Box(), loop=loop, **settings), "127.0.0.1", 0, ssl=context if mood == "whole" else None)
    port = listening.sockets[0].getsockname()[1]
    line = await asyncio.start_server(lambda reader, writer: Line(mood, port).talk(reader, writer), "127.0.0.1", 0)
    say(port=line.sockets[0].getsockname()[1])
    await line.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
