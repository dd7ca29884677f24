"""What each step of the fast recipe is worth: the variants that are compared."""

from dataclasses import fields

import numpy as np

from benchmarks.steps import variants


def test_a_variant_is_the_recipe_but_for_one_step():
    """Each differs from the recipe in one setting; where that is the network, in what it holds."""
    recipes = variants()
    recipe = recipes.pop("recipe")
    whole = recipe.build()
    for name, each in recipes.items():
        changed = [
            f.name for f in fields(recipe) if getattr(each, f.name) != getattr(recipe, f.name)
        ]
        assert len(changed) == 1, name
        model = each.build()
        assert model(np.zeros((2, 28, 28, 1), np.float32)).shape == (2, 10)
        assert (model.count_params() == whole.count_params()) == (changed != ["build"]), name
