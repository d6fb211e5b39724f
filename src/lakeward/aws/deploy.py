"""Deploying a plan: the change set that CloudFormation makes of it, then its execution.

In: a :class:`lakeward.aws.plan.Plan`. Out: a :class:`ChangeSet`. No resource is touched until
:meth:`ChangeSet.execute`.
"""

import logging
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError, WaiterError

from lakeward.aws.calls import aws_client, explained
from lakeward.aws.plan import Change, Plan
from lakeward.aws.template import resources
from lakeward.errors import ResourceError, UsageError

logger = logging.getLogger(__name__)

NOTHING_CHANGES = ("didn't contain changes", "No updates are to be performed")
NOT_YET = "REVIEW_IN_PROGRESS"
WAITING = {"Delay": 5, "MaxAttempts": 360}
RIGHTS = "Give this identity the rights of CloudFormation and of what the template creates."


class ChangeSet:
    """What CloudFormation would change, as it says itself; made by :func:`make_change_set`."""

    def __init__(self, client: Any, stack: str, name: str, found: str | None, changes: Sequence[Change]) -> None:
        self.stack, self.changes = stack, tuple(changes)
        self._client, self._name, self._found = client, name, found

    def execute(self) -> str:
        """Carry the change set out and wait for its end; return the status of the stack.

        Raises:
            ResourceError: a resource could not be made; CloudFormation has taken back what it did.
        """
        with _explained(self.stack, f"CloudFormation has rolled '{self.stack}' back; its events say why."):
            self._client.execute_change_set(ChangeSetName=self._name, StackName=self.stack)
            waiter = self._client.get_waiter(
                "stack_create_complete" if _creates(self._found) else "stack_update_complete"
            )
            logger.info("stack %s: %s changes are carried out", self.stack, len(self.changes))
            waiter.wait(StackName=self.stack, WaiterConfig=WAITING)
            return _status(self._client, self.stack) or "DELETE_COMPLETE"

    def drop(self) -> None:
        """Take the change set back; a stack that was only announced by it goes too."""
        with _explained(self.stack, "Nothing was deployed."):
            self._client.delete_change_set(ChangeSetName=self._name, StackName=self.stack)
            if self._found is None and _status(self._client, self.stack) == NOT_YET:
                self._client.delete_stack(StackName=self.stack)


def make_change_set(plan: Plan) -> ChangeSet | None:
    """Have CloudFormation work out what a deployment would change; none where nothing would.

    Raises:
        UsageError: a parameter has no value.
        ResourceError: there are no credentials or rights, the template was refused, or the stack is in a state that
            takes no change.
    """
    if plan.missing:
        raise UsageError(
            f"No value for {', '.join(plan.missing)}. Nothing was deployed. "
            f"Add --parameter {plan.missing[0]}=…, or set `lake: s3://…` in lakeward.yaml."
        )
    with _explained(plan.stack, "Nothing was deployed."):
        client = aws_client("cloudformation", plan.region)
        status = _status(client, plan.stack)
        _require_deployable(plan.stack, status)
        name = f"lakeward-{datetime.now(UTC):%Y%m%dT%H%M%S%f}"
        client.create_change_set(
            StackName=plan.stack,
            ChangeSetName=name,
            ChangeSetType="CREATE" if _creates(status) else "UPDATE",
            TemplateBody=plan.template,
            Parameters=[{"ParameterKey": key, "ParameterValue": value or ""} for key, value in plan.values.items()],
            Capabilities=["CAPABILITY_IAM"],
            Tags=[{"Key": "lakeward:environment", "Value": plan.values["Environment"] or ""}],
        )
        if not _wait_for(client, plan.stack, name):
            client.delete_change_set(ChangeSetName=name, StackName=plan.stack)
            return None
        return ChangeSet(client, plan.stack, name, status, list(_described(client, plan.stack, name)))


def _creates(status: str | None) -> bool:
    return status in (None, NOT_YET)


def _wait_for(client: Any, stack: str, name: str) -> bool:
    try:
        client.get_waiter("change_set_create_complete").wait(ChangeSetName=name, StackName=stack, WaiterConfig=WAITING)
    except WaiterError:
        reason = client.describe_change_set(ChangeSetName=name, StackName=stack).get("StatusReason", "")
        if any(text in reason for text in NOTHING_CHANGES):
            return False
        raise ResourceError(
            f"CloudFormation made no change set for stack '{stack}'.\n  found: {reason}\n"
            "Nothing was deployed. `lakeward aws deploy --dry-run` shows what was asked for."
        ) from None
    return True


def _described(client: Any, stack: str, name: str) -> Iterator[Change]:
    known = resources()
    token: dict[str, str] = {}
    while True:
        page = client.describe_change_set(ChangeSetName=name, StackName=stack, **token)
        for change in page.get("Changes", ()):
            found = change["ResourceChange"]
            why = known[found["LogicalResourceId"]].why if found["LogicalResourceId"] in known else ""
            replaces = found.get("Replacement") in ("True", "Conditional")
            yield Change(found["Action"], found["LogicalResourceId"], found["ResourceType"], why, replaces)
        if not page.get("NextToken"):
            return
        token = {"NextToken": page["NextToken"]}


def _status(client: Any, stack: str) -> str | None:
    try:
        return str(client.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"])
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise


def _require_deployable(stack: str, status: str | None) -> None:
    if status in ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED"):
        raise ResourceError(
            f"Stack '{stack}' is {status}: what it holds can only be deleted. Nothing was deployed.\n"
            f"Delete the stack (its buckets are kept if they hold data), or give another name with --stack."
        )
    if status and status.endswith("_IN_PROGRESS") and status != NOT_YET:
        raise ResourceError(
            f"Stack '{stack}' is {status}: another deployment goes on. Nothing was deployed.\n"
            "Wait for its end, then run the same command again."
        )


def _explained(stack: str, left_behind: str) -> AbstractContextManager[None]:
    return explained(f"deploy the stack '{stack}'", left_behind, RIGHTS)
