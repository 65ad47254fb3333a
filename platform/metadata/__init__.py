"""Documents to definitions: reads packages, merges layers, checks everything, gives an immutable `Model`.

Pure: no SQL, no web. Imports `fieldstone.problems` and `fieldstone.expressions`. `definitions` is the
contract with the layers above; `fields` holds the rules of the field types.

Public names are imported from their modules: `documents` (read_package, Package, PackageError), `compile`
(compile_model, Compiled), `cache` (CompileCache), `layers` (merge_patch, diff, layer_of), `expression_types`
(record_types), `presentation`, `validation`, `contract`.
"""
