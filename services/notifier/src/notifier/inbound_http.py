"""What comes in over HTTP: questions about health. Mail is asked for on the bus alone."""

from fastapi import FastAPI

from newsreel_runtime.http.app import create_app


def create_http() -> FastAPI:
    summary = "Mails codes and notices; health routes only."
    return create_app(title="Newsreel notifier", summary=summary, explorer=False)
