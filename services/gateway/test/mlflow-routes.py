"""Prints, as JSON, what the installed MLflow serves.

Without arguments: its version, every route of its Flask and FastAPI applications and of its basic-auth
plug-in, and the mutations of its GraphQL schema. With `match`: reads a JSON list of [method, raw path]
from standard input and prints for each the template of the route that MLflow takes, or null.
"""

import importlib.util
import json
import re
import sys
import warnings
from urllib.parse import unquote

warnings.simplefilter("ignore")

import mlflow
from mlflow.server import app as flask_app
from mlflow.server import handlers
from mlflow.server.fastapi_app import app as fastapi_app
from starlette.routing import Match, Mount
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

AUTOMATIC = {"HEAD", "OPTIONS"}


def fastapi_routes(routes):
    """All routes, from included routers too: newer FastAPI keeps these apart."""
    for route in routes:
        if hasattr(route, "effective_candidates"):
            yield from fastapi_routes(route.effective_candidates())
            yield from fastapi_routes(route.effective_low_priority_routes())
        elif isinstance(route, Mount) and route.path == "":
            continue  # the Flask application
        elif getattr(route, "path", None) and getattr(route, "methods", None):
            yield route
        else:
            raise SystemExit(f"can't read a route of type {type(route).__name__}: {route!r}")


def braced(rule):
    """Werkzeug's <path:name> and <name> as FastAPI writes them."""
    template = re.sub(r"<(\w+)>", r"{\1}", re.sub(r"<path:(\w+)>", r"{\1:path}", rule))
    if "<" in template:
        raise SystemExit(f"can't read the route {rule}")
    return template


def routes():
    for path, _, methods in handlers.get_endpoints():
        yield from ((method, braced(path), "endpoints") for method in methods)
    for rule in flask_app.url_map.iter_rules():
        yield from ((method, braced(rule.rule), "flask") for method in rule.methods - AUTOMATIC)
    for route in fastapi_routes(fastapi_app.routes):
        yield from ((method, route.path, "fastapi") for method in set(route.methods) - AUTOMATIC)


def auth_paths():
    """The plug-in's own imports may be missing, its table of paths is always there."""
    file = importlib.util.find_spec("mlflow").submodule_search_locations[0] + "/server/auth/routes.py"
    spec = importlib.util.spec_from_file_location("mlflow_auth_routes", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return sorted(
        braced(value)
        for name, value in vars(module).items() if name.isupper() and isinstance(value, str)
    )


def mutations():
    from mlflow.server.graphql.graphql_schema_extensions import schema

    mutation = schema.graphql_schema.mutation_type
    return sorted(mutation.fields) if mutation else []


def match(method, raw_path):
    """As uvicorn, Starlette and Werkzeug do it: decode once, then match."""
    path = unquote(raw_path)
    scope = {"type": "http", "method": method, "path": path, "root_path": ""}
    for route in fastapi_routes(fastapi_app.routes):
        original = getattr(route, "starlette_route", None) or getattr(route, "original_route", route)
        regex = getattr(route, "path_regex", None) or original.path_regex
        if regex.match(scope["path"]) and method in route.methods:
            return route.path
    try:
        rule, _ = flask_app.url_map.bind("localhost").match(path, method, return_rule=True)
        return braced(rule.rule)
    except (HTTPException, RequestRedirect):
        return None


if sys.argv[1:] == ["match"]:
    print(json.dumps([match(method, path) for method, path in json.load(sys.stdin)]))
else:
    print(json.dumps({
        "version": mlflow.__version__,
        "routes": sorted({(method, path, source) for method, path, source in routes()}),
        "auth_paths": auth_paths(),
        "mutations": mutations(),
    }))
