"""Why a person has to look at a reply before it counts; ``gather.py`` asks for every reason."""
