"""Single machine operations that numba has no name for: bit casts, selection, an atomic counter, calls by address."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.extending import intrinsic


def _bit_cast(source: Any, target: Any, target_ir: ir.Type) -> Callable[[Any], Any]:
    @intrinsic
    def cast(typing_context: Any, x: Any) -> Any:
        def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return builder.bitcast(arguments[0], target_ir)

        return target(source), build

    return cast


bits64 = _bit_cast(types.float64, types.uint64, ir.IntType(64))
value64 = _bit_cast(types.uint64, types.float64, ir.DoubleType())
bits32 = _bit_cast(types.float32, types.uint32, ir.IntType(32))
value32 = _bit_cast(types.uint32, types.float32, ir.FloatType())


@intrinsic
def select(typing_context: Any, condition: Any, yes: Any, no: Any) -> Any:
    """``yes if condition else no`` without a branch; both are numbers of one type."""

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.select(arguments[0], arguments[1], arguments[2])

    return yes(types.boolean, yes, yes), build


@intrinsic
def full_width_vectors(typing_context: Any) -> Any:
    """Let LLVM use 512-bit vectors in the function that calls this, where the CPU has them, and spill them aligned."""

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        # an attribute of this one function: numba's own switch would change every function of the process
        set.add(builder.function.attributes, '"prefer-vector-width"="512"')
        set.add(builder.function.attributes, '"stackrealign"')
        return context.get_dummy_value()

    return types.void(), build


@intrinsic
def small_code(typing_context: Any) -> Any:
    """Keep LLVM from unrolling and vectorising the function that calls this: it is compiled several times faster."""

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        builder.function.attributes.add("minsize")
        builder.function.attributes.add("optsize")
        return context.get_dummy_value()

    return types.void(), build


@intrinsic
def fetch_add(typing_context: Any, pointer: Any, amount: Any) -> Any:
    """Add to an int64 that several threads share, atomically; returns what it was before."""

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.atomic_rmw("add", arguments[0], arguments[1], "monotonic")

    return types.int64(pointer, types.int64), build


@intrinsic
def offset(typing_context: Any, pointer: Any, count: Any) -> Any:
    """Return the pointer moved on by so many elements."""

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.gep(arguments[0], [arguments[1]])

    return pointer(pointer, types.int64), build


def _call_at_address(result: Any) -> Callable[..., Any]:
    @intrinsic
    def call(typing_context: Any, address: Any, first: Any, second: Any, third: Any) -> Any:
        def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            address, *passed = arguments
            function = ir.FunctionType(context.get_value_type(result), [value.type for value in passed])
            return builder.call(builder.inttoptr(address, function.as_pointer()), passed)

        return result(types.int64, first, second, third), build

    return call


call_advance = _call_at_address(types.int64)
call_geometry = _call_at_address(types.int8)
