"""Texts with answers, the same on every machine with the same Python: what accuracy is measured on."""

from edgesim.nets.tasks.corpus import Corpus, read_corpus
from edgesim.nets.tasks.registry import TASKS, build_task
from edgesim.nets.tasks.task import Split, Task

__all__ = ["TASKS", "Corpus", "Split", "Task", "build_task", "read_corpus"]
