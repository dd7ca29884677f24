"""Python's errors in a sentence: what each means for a beginner, and where to look."""

import re

# Patterns, one a line, and below them, indented, what is said where one of them is found in
# "Type: text", {0} being what it has in its first brackets. The first that is found counts.
KNOWN = re.findall(
    r"((?:^\S.*\n)+)((?:^    .*\n)+)",
    r"""
slice indices must be integers
    A slice wants whole numbers, and `/` always gives a float: `//` divides and stays whole.
'(?:numpy\.)?float\d*' object cannot be interpreted as an integer
expected a sequence of integers or a single integer, got '\d
    A whole number is wanted here, as in `range` or a shape, and `/` always gives a float:
    `//` divides and stays whole.
list indices must be integers or slices, not tuple
    A list has no rows and columns: write `table[row][column]`, or make it an array by
    `np.array(table)`.
(?:list|tuple|string) indices must be integers
only integers, slices
    A position is a whole number: `/` gives a float, `//` a whole number, and `int` makes
    one.
too many indices for array: array is (\d+)-dimensional
    There are more positions in the brackets than the array has axes: it has {0}.
index 255 is out of bounds
index (?:list|list assignment) 255
    There is no position 255. Labels are `uint8`, which has no -1: there 0 - 1 is 255.
index (-?\d+) is out of bounds for axis \d+ with size (\d+)
    There is no position {0} where there are {1}: positions begin at 0, so the last one is
    one less than their number.
(?:list|tuple|string|list assignment) index out of range
    The position is beyond the end: the last of ten is 9. If it comes from a label minus 1:
    labels are `uint8`, where 0 - 1 is 255.
cannot access local variable '(\w+)'
    `{0}` is set somewhere in the function, so it is the function's own, and it has no value
    yet where it is read: give it one first.
name '(\w+)' is not defined
    Python does not know `{0}` here: look for a typing error, or for a cell that has to run
    first.
takes (\d+) positional arguments? but (\d+) (?:was|were) given
    The check calls it with {1} things, and it takes {0}: keep the brackets after `def` as
    they were.
missing \d+ required positional arguments?: (.*)
    Something is called with too little: there is nothing for {0}.
'NoneType'
    Something here is None: a function without `return` gives that, and so does a method
    that changes a list in place, such as `append` or `sort`.
can't multiply sequence by non-int
can only concatenate (?:list|str)
unsupported operand type\(s\) for .*'(?:list|tuple|str)'
    A list or a text does not calculate as numbers do: make it an array by `np.array`, or go
    through it in a loop.
unsupported operand type\(s\) for (\S+): '([\w.]+)' and '([\w.]+)'
    `{0}` cannot join these two: one is of the type `{1}`, the other `{2}`.
'(?:function|builtin_function_or_method|method|type)' object is not subscriptable
    Square brackets follow a function's name: round ones call it.
'History' object is not subscriptable
    What `fit` gives has its figures in `.history`: `history.history["accuracy"]`.
'([\w.]+)' object is not subscriptable
invalid index to scalar
    Square brackets pick from a list or an array, and here stands a single number.
'([\w.]+)' object is not callable
    Round brackets call a function, and here stands a `{0}`: square ones pick from it. Or a
    `*` is missing.
'([\w.]+)' object is not iterable
iteration over a 0-d array
    A loop goes through many things, and this is one: `range(n)` counts up to a number.
operands could not be broadcast together with shapes (\([\d,]*\)) (\([\d,]*\))
    Place by place needs the same shape, and one is {0}, the other {1}: print both shapes.
could not broadcast input array from shape (\([\d,]*\)) into shape (\([\d,]*\))
    What is put in has the shape {0}, and the place for it {1}: they must be the same.
shapes (.+) and (.+) not aligned
matmul: Input operand
    `@` needs as many columns on the left as there are rows on the right: print both shapes.
truth value of an array with more than one element
    `if`, `and` and `or` want one True or False, and an array has many: `.any()` or `.all()`
    makes one of them, `&` and `|` go place by place.
setting an array element with a sequence
inhomogeneous shape
only (?:length-1|0-dimensional|size-1) arrays can be converted
    One number is wanted there, and it got several; in a table every row must be as long as
    the others.
cannot reshape array of size (\d+) into shape (\([\d,-]*\))
    The {0} numbers do not fit into the shape {1}: the shape's numbers multiplied must give
    as many.
axis (-?\d+) is out of bounds for array of dimension (\d+)
    There is no axis {0}: the array has {1}, counted from 0.
'(?:list|tuple)' object has no attribute '(\w+)'
    A list has no `{0}`; an array may have: make it one by `np.array`.
has no attribute 'predict_classes'
    `predict_classes` was removed from Keras: `model.predict(...).argmax(axis=1)` gives the
    classes.
has no attribute 'predict_proba'
    `predict_proba` was removed from Keras: `model.predict(...)` gives the probabilities.
has no attribute '(fit|evaluate|predict)_generator'
    `{0}_generator` was removed from Keras: `model.{0}(...)` takes a generator as well.
has no attribute 'np_utils'
cannot import name '(?:np_utils|to_categorical)'
No module named 'keras\.utils\.np_utils'
    `np_utils` was removed from Keras: `keras.utils.to_categorical(labels, 10)` gives one-hot
    rows.
No module named 'keras\.(?:layers|models|optimizers)\.\w+'
    Keras' layers are in `keras.layers` itself today, without a further part to their names.
has no attribute '(\w+)'
    There is no `{0}` here: look for a typing error, or print `type(...)` of what stands
    before the dot.
Python integer (-?\d+) out of bounds for uint8
    `uint8` holds 0 to 255, and {0} is none of them: `astype(int)` first.
ZeroDivisionError
    It divides by 0: when is what stands below the line 0?
RecursionError
    The function calls itself again and again, without an end.
(?:too many|not enough) values to unpack
    There are more or fewer names on the left of `=` than values on the right.
KeyError: '(val_)?acc'
    It is called `"accuracy"` or `"val_accuracy"` today, as in `metrics=["accuracy"]`.
Expected `metrics` argument to be a list
    A list is wanted, also of one: `metrics=["accuracy"]`.
Argument\(s\) not recognized: \{'lr'
    An optimizer's `lr` is called `learning_rate` today.
`target` and `output` must have the same rank.*target\.shape=\(\w*,\)
`target` and `output` must have the same shape.*target\.shape=\(\w*, 1\)
    The labels are numbers, and `categorical_crossentropy` wants one-hot rows: give it those, or
    take `sparse_categorical_crossentropy`.
`output` must have rank \(ndim\) `target\.ndim - 1`
    The labels are one-hot rows, and `sparse_categorical_crossentropy` wants numbers: give it
    those, or take `categorical_crossentropy`.
Expected shape \(None, 28, 28(?:, 1)?\), but input has incompatible shape \(28, 28(?:, 1)?\)
    One digit is not a batch of them, and a network takes those: `digit[np.newaxis]` is one.
expected axis -1 of input shape to have value (\d+), but received input with shape (\([\w, ]+\))
    The layer wants {0} numbers along the last axis, and gets the shape {1}: a `Flatten` is
    missing, or the axis of the digits, as in `digit[np.newaxis]`.
expected min_ndim=4, found ndim=3
    The images have no channel, and this network wants one: `images[..., np.newaxis]`.
unexpected keyword argument 'nb_epoch'
    `nb_epoch` is called `epochs` today.
KeyError: (.*)
    The dictionary has no {0}: print its keys.
object does not support item assignment
assignment destination is read-only
    This cannot be changed in place: make a list or a copy of it first.
arg is an empty sequence
zero-size array to reduction
iterable argument is empty
    It asks for the largest or the smallest of nothing: nothing was left to choose from.
""",
    re.MULTILINE,
)


def explain(error: str) -> str:
    """Put a sentence for a beginner above Python's own line, where there is one.

    `error` is that line, such as ``"ZeroDivisionError: division by zero"``.
    """
    for patterns, sentence in KNOWN:
        for pattern in patterns.splitlines():
            if found := re.search(pattern, error):
                words = " ".join(sentence.split()).format(*found.groups())
                return f"{words}\n`{error.replace('`', '')}`"
    return error
