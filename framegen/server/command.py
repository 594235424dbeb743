"""The command line of ``framegen serve``."""

from __future__ import annotations

import argparse
import gc
import logging
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path
from types import FrameType

from framegen import __version__
from framegen.engines.specs import SPECS, check_engine, load_engine, spec
from framegen.errors import ConfigError, WrongUsage
from framegen.ops.kernels.compiling import NOTICE, compiling
from framegen.ops.tuning import tune_process
from framegen.server.app import Server
from framegen.server.executors import EXECUTORS
from framegen.server.hub import Observer
from framegen.server.keys import client_keys, public_of, server_secret
from framegen.server.options import DEFAULT_ENDPOINT, Endpoint, ServerOptions, is_local, read_token
from framegen.values import checked, known_model, whole

TOKEN_VARIABLE = "FRAMEGEN_TOKEN"
ENTRY = {"null": "open", "plain": "asks for the token, unencrypted", "curve": "asks for a CURVE key, encrypted"}


def address(text: str) -> str:
    """An address to listen at, as the command line has it. Raises argparse.ArgumentTypeError."""
    checked(is_local)(text)
    return text


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of ``framegen serve``."""
    parser.add_argument(
        "--bind",
        "--endpoint",
        type=address,
        action="append",
        metavar="ADDRESS",
        help=f"listen here; may be given again; needs a token unless it is this machine (default: {DEFAULT_ENDPOINT})",
    )
    parser.add_argument(
        "--bind-plain",
        type=address,
        action="append",
        default=[],
        metavar="ADDRESS",
        help="listen here for clients with the token",
    )
    parser.add_argument(
        "--bind-curve",
        type=address,
        action="append",
        default=[],
        metavar="ADDRESS",
        help="listen here for clients with a CURVE key",
    )
    parser.add_argument("--token", help=f"what clients must know (other users see it here: prefer ${TOKEN_VARIABLE})")
    parser.add_argument("--token-file", type=Path, metavar="FILE", help="read the token from FILE")
    parser.add_argument(
        "--curve-secret-key", type=Path, metavar="FILE", help="the server's CURVE key; made if there is no such file"
    )
    parser.add_argument(
        "--curve-clients", type=Path, metavar="FILE", help="public keys of the clients to admit, one a line"
    )
    parser.add_argument(
        "--model",
        type=known_model,
        action="append",
        metavar="NAME",
        help=f"offer this model; may be given again, the first is the default (default: {SPECS[0].name})",
    )
    parser.add_argument("--device", default="auto", choices=["auto", "cpu", "gpu"], help="(default: auto)")
    parser.add_argument(
        "--gpus", type=whole(1), default=1, metavar="N", help="serve with N GPUs, one worker each (default: 1)"
    )
    parser.add_argument("--max-sessions", type=whole(1), default=16, metavar="N", help="clients at once (default: 16)")
    parser.add_argument(
        "--executor",
        default="auto",
        choices=["auto", *sorted(EXECUTORS)],
        help="inline: least delay; thread: answer everyone while a slow model runs (default: auto, by the models)",
    )
    parser.add_argument("--quiet", action="store_true", help="no line for each session")


def run(args: argparse.Namespace, observer: Observer | None = None, page: str = "") -> int:
    """Serve until interrupted. ``observer``: hears what happens; ``page``: address of the live page.

    Returns 0 after a graceful stop. Raises FramegenError where it cannot start.
    """
    with nullcontext() if args.quiet else _log_of_sessions():
        return _serve(args, observer, page)


def _serve(args: argparse.Namespace, observer: Observer | None, page: str) -> int:
    options = options_of(args)
    models = args.model or [SPECS[0].name]
    tune_process()
    with compiling(lambda: print(NOTICE, flush=True)):
        first, *others = devices_of(args, models[0])
        for name in models[1:]:
            check_engine(name, first)
        server = Server(
            options,
            lambda name: load_engine(name, first),
            models,
            executor=args.executor,
            beside=[partial(load_engine, device=device) for device in others],
            observer=observer,
        )
    gc.freeze()  # what is loaded by now stays: a full collection need not walk it while a frame waits
    for line in announcement(server, options, page):
        print(line, flush=True)
    with stopped_by_signals(server):
        server.run()
    counts = server.counts
    print(f"Stopped after {counts.sessions} sessions, {counts.answered} pictures.", flush=True)
    return 0


def devices_of(args: argparse.Namespace, model: str) -> list[str]:
    """The device of each worker. Raises WrongUsage where more GPUs are asked for than the model can use."""
    if args.gpus == 1:
        return [args.device]
    if args.device == "cpu" or spec(model).family == "embedded":
        raise WrongUsage(
            f"--gpus {args.gpus} does not go with {model} on {args.device}.",
            hint="Several GPUs serve the diffusion models: framegen models.",
        )
    return [f"cuda:{number}" for number in range(args.gpus)]


def options_of(args: argparse.Namespace) -> ServerOptions:
    """The options that a command line means. Raises ConfigError: a file cannot be read; WrongUsage: the rest."""
    token = args.token or (read_token(args.token_file) if args.token_file else os.environ.get(TOKEN_VARIABLE) or None)
    secret = server_secret(args.curve_secret_key) if args.curve_secret_key else None
    clients = client_keys(args.curve_clients) if args.curve_clients else None
    only_secured = not args.bind and (args.bind_plain or args.bind_curve)
    endpoints = [
        Endpoint(address, _mechanism(address, token, args.bind_plain))
        for address in ([] if only_secured else args.bind or [DEFAULT_ENDPOINT])
    ]
    endpoints += [Endpoint(address, "plain") for address in args.bind_plain]
    endpoints += [Endpoint(address, "curve") for address in args.bind_curve]
    try:
        return ServerOptions(
            endpoints=tuple(endpoints),
            token=token,
            curve_secret_key=secret,
            curve_clients=clients,
            max_sessions=args.max_sessions,
        )
    except ConfigError as error:
        raise WrongUsage(error.message, hint=error.hint) from error


def announcement(server: Server, options: ServerOptions, page: str = "") -> Iterator[str]:
    """What the operator is told at the start."""
    spec = server.worker.default_spec
    yield f"framegen {__version__} is ready."
    for endpoint, address in zip(options.endpoints, server.addresses, strict=True):
        reach = "this machine only" if is_local(endpoint.address) else "reachable from other machines"
        yield f"  address   {address} ({reach}, {ENTRY[endpoint.mechanism]})"
    if options.curve_secret_key is not None:
        yield f"  key       {public_of(options.curve_secret_key)} (public; clients need it for CURVE)"
    yield f"  model     {server.worker.models[0]}: {spec.title}"
    for name in server.worker.models[1:]:
        yield f"  also      {name}"
    yield f"  device    {server.worker.default_device}"
    use = "free for commercial use" if spec.commercial else "not for commercial use"
    yield f"  licence   {spec.licence} (weights; {use})"
    if page:
        yield f"  page      {page}"
    yield "Stop it with Ctrl-C."


@contextmanager
def stopped_by_signals(server: Server) -> Iterator[None]:
    """The first interrupt or termination stops the server gracefully, a second one at once."""
    names = [name for name in ("SIGINT", "SIGTERM", "SIGBREAK") if hasattr(signal, name)]
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {name: signal.getsignal(getattr(signal, name)) for name in names}

    def restore() -> None:
        for name, handler in before.items():
            signal.signal(getattr(signal, name), handler)

    def stop(_number: int, _frame: FrameType | None) -> None:
        server.stop()
        restore()

    for name in names:
        signal.signal(getattr(signal, name), stop)
    try:
        yield
    finally:
        restore()


def _mechanism(address: str, token: str | None, bind_plain: list[str]) -> str:
    """A token asks to be used: by --bind where --bind-plain is not given, and never may a public address do without."""
    wanted = token is not None and (not bind_plain or not is_local(address))
    return "plain" if wanted else "null"


@contextmanager
def _log_of_sessions() -> Iterator[None]:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s  %(message)s", "%H:%M:%S"))
    log = logging.getLogger("framegen.server")
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    try:
        yield
    finally:
        log.removeHandler(handler)
