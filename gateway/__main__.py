"""`python -m gateway`: the command line."""

from gateway.settings import hand_down

if __name__ == "__main__":
    # before numpy is loaded: on small arrays OpenBLAS's threads wait for each other longer than they work
    hand_down({"OPENBLAS_NUM_THREADS": "1"})

    from gateway.cli import main

    main(prog_name="python -m gateway")
