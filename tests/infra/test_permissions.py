"""A function may do what the route table grants it, on those tables and indexes, and nothing else."""

from infra.routes import AUTHORIZER, ENDPOINTS
from infra.tables import TABLES
from tests.infra.templates import functions, permissions, resources, table_of

ALL = {endpoint.handler: endpoint for endpoint in (*ENDPOINTS, AUTHORIZER)}
READS = {"GetItem", "BatchGetItem", "Query"}


def test_a_functions_whole_action_set_is_its_own_log_and_its_grants(stage: str) -> None:
    for handler, function in functions(stage).items():
        granted = {
            (f"dynamodb:{action}", resource)
            for resource, actions in ALL[handler].grants.items()
            for action in actions
        }
        own_log = {("logs:CreateLogStream", "own log"), ("logs:PutLogEvents", "own log")}
        assert permissions(stage, function) == granted | own_log, handler


def test_a_function_knows_the_tables_of_its_grants_and_no_others(stage: str) -> None:
    for handler, function in functions(stage).items():
        variables = function["Environment"]["Variables"]
        known = {
            name.removesuffix("_TABLE").lower(): table_of(stage, value)
            for name, value in variables.items()
            if name.endswith("_TABLE")
        }
        granted = {resource.partition(".")[0] for resource in ALL[handler].grants}
        assert known == {table: table for table in granted}, handler


def test_no_function_shares_its_role_or_its_log(stage: str) -> None:
    deployed = functions(stage)
    assert len({function["Role"]["Fn::GetAtt"][0] for function in deployed.values()}) == len(deployed)
    assert len({function["LoggingConfig"]["LogGroup"]["Ref"] for function in deployed.values()}) == len(
        deployed
    )


def test_grants_name_tables_and_indexes_that_exist() -> None:
    indexes = {table.name: {index.name for index in table.indexes} for table in TABLES}
    for endpoint in ALL.values():
        for resource in endpoint.grants:
            table, _, index = resource.partition(".")
            assert table in indexes, (endpoint.handler, resource)
            assert not index or index in indexes[table], (endpoint.handler, resource)


def test_a_get_writes_nothing() -> None:
    for endpoint in ENDPOINTS:
        if all(method == "GET" for method, _ in endpoint.methods_and_paths):
            assert {action for actions in endpoint.grants.values() for action in actions} <= READS, (
                endpoint.handler
            )


def test_no_function_reads_whole_tables_or_has_wildcards() -> None:
    actions = {
        action for endpoint in ALL.values() for granted in endpoint.grants.values() for action in granted
    }
    assert not {action for action in actions if "*" in action or action == "Scan"}


def test_only_api_gateway_may_invoke_and_only_for_this_api(stage: str) -> None:
    for permission in resources(stage, "service", "AWS::Lambda::Permission").values():
        assert permission["Principal"] == "apigateway.amazonaws.com"
        assert "ApiRestApi" in str(permission["SourceArn"])
