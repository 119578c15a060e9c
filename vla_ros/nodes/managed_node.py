# SPDX-License-Identifier: Apache-2.0
"""Base of our nodes: a lifecycle node that can start itself, and the main function around it.

run()   main thread:      start (configure, activate) ... wait for a signal ... stop, exit code
        executor thread:  callbacks, services, /clock

One executor thread. Controller at 100 Hz on two cores that others kept busy, all runs:
MultiThreadedExecutor 0.12, 0.29, 0.37, 0.45, 0.68 of a core and 87 to 99 commands/s;
SingleThreadedExecutor 0.08, 0.11, 0.11 and 100 commands/s. So a transition must not wait for what
a callback brings.
"""

import signal
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import FrameType
from typing import Any

import rclpy
from lifecycle_msgs.srv import ChangeState
from rcl_interfaces.msg import ParameterDescriptor
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.impl.implementation_singleton import rclpy_implementation
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn
from rclpy.signals import SignalHandlerOptions

from vla_ros.core.exceptions import VlaRosError

RCLError = rclpy_implementation.RCLError


class ManagedNode(LifecycleNode):
    """A lifecycle node whose transitions are four plain methods that may raise `VlaRosError`."""

    def __init__(self, name: str) -> None:
        """Declare `autostart`; subclasses declare their settings.

        Args:
            name: node name.
        """
        super().__init__(name)
        # rclpy raises in the executor for a transition that the state does not have; a request
        # from outside must not end a node.
        answer = self._service_change_state.callback
        self._service_change_state.callback = lambda req, resp: self._changed(answer, req, resp)
        description = "configure and activate without a lifecycle manager"
        self.declare_parameter("autostart", True, ParameterDescriptor(description=description))
        self.finished = threading.Event()
        self.exit_code = 0
        self.active = False
        self._shut_down = False

    def configure(self) -> None:
        """Read the settings, load what is slow, create publishers and subscriptions."""

    def activate(self) -> None:
        """Begin to publish."""

    def deactivate(self) -> None:
        """Stop publishing, safely for the robot."""

    def cleanup(self) -> None:
        """Release what `configure` made."""

    def finish(self, exit_code: int) -> None:
        """Let `run` end the process with this exit code; the first call counts."""
        if not self.finished.is_set():
            self.exit_code = exit_code
            self.finished.set()

    def start(self) -> None:
        """Configure and activate when `autostart` asks for it; finish with 1 when that fails."""
        if not self.get_parameter("autostart").value:
            return
        for trigger in (self.trigger_configure, self.trigger_activate):
            if trigger() != TransitionCallbackReturn.SUCCESS:
                self.finish(1)
                return

    def stop(self) -> None:
        """Deactivate and clean up, unless a lifecycle shutdown has done it."""
        if not self._shut_down:
            self.trigger_shutdown()

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Lifecycle: see `configure`."""
        return self._transition("configure", self.configure, self.active)

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Lifecycle: see `activate`."""
        return self._transition("activate", self.activate, True)

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Lifecycle: see `deactivate`."""
        return self._transition("deactivate", self.deactivate, False)

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Lifecycle: see `cleanup`."""
        return self._transition("clean up", self.cleanup, False)

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Lifecycle: deactivate when active, clean up when configured, end the process."""
        self._shut_down = True
        if state.label == "active":
            self.on_deactivate(state)
        if state.label != "unconfigured":
            self.on_cleanup(state)
        self.finish(0)
        return TransitionCallbackReturn.SUCCESS

    def _changed(
        self, answer: Callable[[Any, Any], Any], request: Any, response: Any
    ) -> "ChangeState.Response":
        """Answer a request for a transition, also one that is not possible now."""
        try:
            return answer(request, response)
        except RCLError as error:
            reason = str(error).splitlines()[0]
            self.get_logger().error(f"transition {request.transition.id} refused: {reason}")
            response.success = False
            return response

    def _transition(
        self, verb: str, action: Callable[[], None], active_after: bool
    ) -> TransitionCallbackReturn:
        try:
            action()
        except VlaRosError as error:
            self.get_logger().error(f"cannot {verb}: {error}")
            return TransitionCallbackReturn.FAILURE
        except Exception:
            # rclpy swallows what a transition raises; a defect must be seen before that.
            self.get_logger().exception(f"defect: cannot {verb}")
            raise
        self.active = active_after
        return TransitionCallbackReturn.SUCCESS


def run(node_class: Callable[[], ManagedNode], arguments: Sequence[str] | None = None) -> int:
    """Run one node until a signal, a lifecycle shutdown or a failure.

    Args:
        node_class: makes the node, after rclpy is initialised.
        arguments: command line; None for that of the process.

    Returns:
        Exit code: 0 after SIGINT, SIGTERM or a lifecycle shutdown; 1 after a failure.

    Raises:
        Exception: whatever a callback raised that nobody expected, after the node has stopped.
    """
    # rclpy's own handlers would close the context at once, before the last command is published.
    rclpy.init(args=arguments, signal_handler_options=SignalHandlerOptions.NO)
    node = node_class()
    _finish_on_signals(node)
    executor = SingleThreadedExecutor()
    executor.add_node(node)
    with ThreadPoolExecutor(1, thread_name_prefix="executor") as thread:
        spinning = thread.submit(executor.spin)
        spinning.add_done_callback(lambda _: node.finish(1))
        try:
            node.start()
            node.finished.wait()
            node.stop()
        finally:
            executor.shutdown(timeout_sec=1.0)
            rclpy.try_shutdown()
    _raise_what_callbacks_raised(spinning)
    return node.exit_code


def _finish_on_signals(node: ManagedNode) -> None:
    def handle(number: int, frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_DFL)  # a second one ends a stop that hangs
        node.finish(0)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, handle)


def _raise_what_callbacks_raised(spinning: "Future[None]") -> None:
    error = spinning.exception()
    if error is not None and not isinstance(error, ExternalShutdownException):
        raise error
