"""How each kind of model of the zoo is trained and exported: a recipe for each, behind the same commands.

A new kind is a module here with a `RECIPE`, and its models' names in `converter.recipes.registry`.
"""

from converter.recipes.recipe import Judged, Recipe, Trained
from converter.recipes.registry import MODELS, recipe_for_task, recipe_of, recipe_of_run

__all__ = ["MODELS", "Judged", "Recipe", "Trained", "recipe_for_task", "recipe_of", "recipe_of_run"]
