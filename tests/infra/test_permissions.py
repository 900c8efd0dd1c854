"""A function may do what the route table grants it, on those tables and indexes, and nothing else."""

from infra.files import FOLDERS
from infra.function import LOCAL_ACTIONS
from infra.queues import GIVEN_UP, QUEUES
from infra.routes import ENDPOINTS
from infra.settings import STAGES
from infra.synthetic_tenant import CANARY
from infra.tables import TABLES
from tests.infra.templates import (
    FUNCTIONS,
    functions,
    granted_resource,
    permissions,
    resources,
    service_of,
    target,
)

ALL = {function.handler: function.grants for function in FUNCTIONS}
READS = {"GetItem", "BatchGetItem", "Query", "GetObject"}


def test_a_functions_whole_action_set_is_its_own_log_and_its_grants(stage: str) -> None:
    for handler, function in functions(stage).items():
        granted = {
            (f"{service_of(resource)}:{action}", resource)
            for resource, actions in ALL[handler].items()
            for action in actions
        }
        own_log = {("logs:CreateLogStream", "own log"), ("logs:PutLogEvents", "own log")}
        if STAGES[stage].emulated:
            granted |= {(LOCAL_ACTIONS[a], resource) for a, resource in granted if a in LOCAL_ACTIONS}
        assert permissions(stage, function) == granted | own_log, handler


def test_a_function_knows_the_names_of_what_it_was_granted_and_no_others(stage: str) -> None:
    for handler, function in functions(stage).items():
        variables = function["Environment"]["Variables"]
        known = {
            name: granted_resource(stage, imported)
            for name, imported in variables.items()
            if isinstance(imported, dict) and name != "API_URL"
        }
        granted = {resource.partition(".")[0].replace("canary", "tenants") for resource in ALL[handler]}
        assert known == {variable(resource): resource for resource in granted}, handler


def variable(resource: str) -> str:
    """The environment variable that tells a function what a resource is called."""
    if resource in {"bus", "files"}:
        return {"bus": "BUS_NAME", "files": "FILES_BUCKET"}[resource]
    return f"{resource.upper()}_URL" if resource.endswith("_queue") else f"{resource.upper()}_TABLE"


def test_no_function_shares_its_role_or_its_log(stage: str) -> None:
    deployed = functions(stage)
    assert len({function["Role"]["Fn::GetAtt"][0] for function in deployed.values()}) == len(deployed)
    assert len({function["LoggingConfig"]["LogGroup"]["Ref"] for function in deployed.values()}) == len(
        deployed
    )


def test_grants_name_what_there_is() -> None:
    tables = {table.name for table in TABLES}
    parts = {f"{table.name}.{index.name}" for table in TABLES for index in table.indexes}
    streams = {f"{table.name}.stream" for table in TABLES if table.stream}
    queues = {f"{name}_queue" for name in (*(queue.name for queue in QUEUES), *GIVEN_UP)}
    folders = {folder.resource for folder in FOLDERS}
    for handler, grants in ALL.items():
        assert grants.keys() <= tables | parts | streams | queues | folders | {"bus", "canary"}, handler


def test_a_get_writes_nothing() -> None:
    for endpoint in ENDPOINTS:
        if all(method == "GET" for method, _ in endpoint.methods_and_paths):
            assert {action for actions in endpoint.grants.values() for action in actions} <= READS, (
                endpoint.handler
            )


def test_no_function_reads_whole_tables_or_has_wildcards() -> None:
    actions = {action for grants in ALL.values() for granted in grants.values() for action in granted}
    assert not {action for action in actions if "*" in action or action == "Scan"}


def test_only_this_api_may_invoke_and_only_its_schedule_the_canary(stage: str) -> None:
    for permission in resources(stage, "service", "AWS::Lambda::Permission").values():
        if permission["Principal"] == "events.amazonaws.com":
            assert permission["FunctionName"] == target(stage, CANARY.handler)
            assert "CanarySchedule" in str(permission["SourceArn"])
        else:
            assert permission["Principal"] == "apigateway.amazonaws.com"
            assert "ApiRestApi" in str(permission["SourceArn"])
