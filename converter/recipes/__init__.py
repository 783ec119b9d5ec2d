"""How each kind of model of the zoo is trained and exported: a recipe for each, behind the same commands.

A new kind is a module here with a `RECIPE`, and its models' names in `converter.recipes.registry`.
"""

from converter.recipes.recipe import Recipe, Trained
from converter.recipes.registry import MODELS, recipe_of, recipe_of_run

__all__ = ["MODELS", "Recipe", "Trained", "recipe_of", "recipe_of_run"]
